/** The C library of this process, by the name that its Linux gives it. */

/**
 * @param open opens a shared library of that name, and throws if there is none. It is called with
 *   glibc's name first: musl answers only to the second, which glibc refuses.
 * @returns what `open` returned
 * @throws what the second call threw: then there is neither
 */
export function openLibc<Library>(open: (name: string) => Library): Library {
  try {
    return open("libc.so.6");
  } catch {
    return open("libc.so");
  }
}
