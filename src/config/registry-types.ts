/** Types of the options that say how a schema registry is asked. */

import { z } from "zod";
import { publicUrl } from "../mapping/registry/http.ts";
import type { Kind } from "./option-types.ts";

const URL_MAX = 4096;
/** A bundle of all public authorities has 0.3 MB. */
const PEM_MAX = 1024 * 1024;

/** A user and a password may stand in it, and are not shown. */
export function registryUrl(): Kind<string> {
  return {
    accepts:
      "an http:// or https:// URL such as https://registry:8081 or http://user:password@registry:8081",
    schema: z
      .string()
      .max(URL_MAX)
      .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
      .transform((text) => new URL(text).href),
    format: publicUrl,
    redacts: true,
  };
}

/** Certificates, or the name of a file with them. */
export function certificate(): Kind<string> {
  return {
    accepts: "a file with certificates in PEM (-----BEGIN CERTIFICATE-----), or such a text",
    schema: z.string().max(PEM_MAX),
    format: (text) => (isPem(text) ? "certificates in PEM" : text),
  };
}

export function isPem(text: string): boolean {
  return text.includes("-----BEGIN CERTIFICATE-----");
}
