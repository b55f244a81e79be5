/** The list of what a release holds, in CycloneDX 1.6. */

import { createHash } from "node:crypto";

/**
 * @param {{ name: string, version: string, license: string }} product
 * @param {readonly import("./licences.mjs").Component[]} components
 * @param {number} timeS of the release, in seconds since 1970
 * @returns {string} JSON
 */
export function sbom({ name, version, license }, components, timeS) {
  const own = `pkg:generic/${name}@${version}`;
  const listed = components.map(({ name: title, version: of, licence, purl }) => ({
    type: "library",
    "bom-ref": purl,
    name: title,
    version: of,
    licenses: [/ /.test(licence) ? { expression: licence } : { license: { id: licence } }],
    purl,
  }));
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([own, timeS, listed]))}`,
    version: 1,
    metadata: {
      timestamp: new Date(timeS * 1000).toISOString().replace(".000Z", "Z"),
      component: {
        type: "application",
        "bom-ref": own,
        name,
        version,
        licenses: [{ license: { id: license } }],
        purl: own,
      },
    },
    components: listed,
    dependencies: [{ ref: own, dependsOn: listed.map(({ purl }) => purl) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * The same content has the same number: two builds must be equal.
 * @param {string} text
 */
function uuidOf(text) {
  const hex = createHash("sha256").update(text).digest("hex");
  // Version 8 is the one that programs make up by a rule of their own; a variant follows.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
