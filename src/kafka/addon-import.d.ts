/** The addon imported as a file: its path. */
declare module "*.node" {
  const path: string;
  export = path;
}
