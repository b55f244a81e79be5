/** Text imports (`with { type: "text" }`) of files that TypeScript does not know. */

declare module "*.css" {
  const text: string;
  export = text;
}

declare module "*.svg" {
  const text: string;
  export = text;
}

declare module "*.js" {
  const text: string;
  export = text;
}

declare module "*.woff2" {
  const path: string;
  export = path;
}
