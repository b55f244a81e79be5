/** The scripts of a release, with their types: they are JavaScript. */

export interface Target {
  name: string;
  triple: string;
  libc: string;
  runtime: string;
  bun: string;
}

export interface Entry {
  name: string;
  mode: number;
  content: Uint8Array;
}

export interface Component {
  name: string;
  version: string;
  licence: string;
  purl: string;
  texts: string[];
}

const scripts = (name: string) =>
  new URL(`../../scripts/lib/release/${name}.mjs`, import.meta.url).href;
export const { targets, glibcMax } = (await import(scripts("targets"))) as {
  targets: Target[];
  glibcMax: string;
};
export const { archived, pack, readArguments, sumsOf } = (await import(scripts("release"))) as {
  archived: (executable: Uint8Array, licences: string) => Entry[];
  pack: (name: string, entries: Entry[], timeS: number, folder: string) => Promise<void>;
  readArguments: (args: string[]) => { chosen: Target[]; key: string | undefined };
  sumsOf: (folder: string) => string;
};
export const { bundle, copyTree } = (await import(scripts("build"))) as {
  bundle: (tree: string, folder: string, args: readonly string[]) => Promise<string>;
  copyTree: (tree: string, home: string) => void;
};
export const { compileOptions } = (await import(
  new URL("../../scripts/lib/executable.mjs", import.meta.url).href
)) as { compileOptions: readonly string[] };
export const { tar } = (await import(scripts("archive"))) as {
  tar: (folder: string, entries: Entry[], timeS: number) => Buffer;
};
export const { components, licenceTexts } = (await import(scripts("licences"))) as {
  components: (folders: { zig: string; vendored: string }) => Component[];
  licenceTexts: (all: Component[]) => string;
};
export const { sbom } = (await import(scripts("sbom"))) as {
  sbom: (
    product: { name: string; version: string; license: string },
    all: Component[],
    timeS: number,
  ) => string;
};
export const { signerOf } = (await import(scripts("signature"))) as {
  signerOf: (file: string) => (content: Uint8Array) => Buffer;
};
export const elf = (await import(scripts("elf"))) as {
  parseNeeded: (text: string) => string[];
  glibcVersions: (text: string) => string[];
  isNewer: (version: string, other: string) => boolean;
  parseSymbols: (
    text: string,
  ) => { name: string; defined: boolean; weak: boolean; versioned: boolean }[];
};
