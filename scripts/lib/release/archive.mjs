/** Archives whose bytes depend on nothing but what is in them: no clock, no user, no order. */

const blockBytes = 512;
/** tar has eleven octal digits for a size. */
const fileBytesMax = 8 ** 11 - 1;
const nameBytesMax = 100;
const prefixBytesMax = 155;

/**
 * @typedef {{ name: string, mode: number, content: Uint8Array }} Entry
 *   `name` is the path below the archive's one folder
 */

/**
 * @param {string} folder which holds everything
 * @param {readonly Entry[]} entries files
 * @param {number} timeS of all files, in seconds since 1970
 * @returns {Buffer} a tar archive (POSIX ustar), sorted by name
 */
export function tar(folder, entries, timeS) {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const folders = new Set([`${folder}/`]);
  for (const { name } of sorted) {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
      folders.add(`${folder}/${name.slice(0, at + 1)}`);
    }
  }
  const parts = [...folders].map((name) => header(name, 0o755, 0, "5", timeS));
  for (const { name, mode, content } of sorted) {
    parts.push(header(`${folder}/${name}`, mode, content.length, "0", timeS), Buffer.from(content));
    parts.push(Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

/**
 * @param {string} path
 * @param {number} mode
 * @param {number} bytes
 * @param {"0" | "5"} type file or folder
 * @param {number} timeS
 */
function header(path, mode, bytes, type, timeS) {
  if (bytes > fileBytesMax) throw new Error(`${path} has ${bytes} bytes; tar has room for 8 GiB.`);
  const [prefix, name] = split(path);
  const block = Buffer.alloc(blockBytes);
  const octal = (/** @type {number} */ value, /** @type {number} */ digits) =>
    value.toString(8).padStart(digits, "0");
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(timeS, 11), 136);
  block.write(type, 156);
  block.write("ustar\x0000", 257);
  block.write("root", 265);
  block.write("root", 297);
  block.write(prefix, 345);
  // The sum is taken with spaces in its own place.
  block.write(" ".repeat(8), 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

/**
 * @param {string} path
 * @returns {[string, string]} the prefix and the name that ustar makes one path of
 */
function split(path) {
  if (Buffer.byteLength(path) <= nameBytesMax) return ["", path];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    const fits = Buffer.byteLength(prefix) <= prefixBytesMax;
    if (fits && name !== "" && Buffer.byteLength(name) <= nameBytesMax) return [prefix, name];
  }
  throw new Error(`${path} is too long for a tar archive.`);
}
