/**
 * `npm run gallery`: the pages in every state that they can be in, fed by hand.
 * `npm run screenshots`: the pictures of the documents, taken of the same pages.
 */

import { takePictures } from "./pictures.ts";
import { openGallery } from "./server.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

if (process.argv.includes("--screenshots")) {
  const gallery = await openGallery({ port: 0 });
  await takePictures(gallery, say);
  await gallery.stop();
  process.exit();
}
const port = Number(process.env.PORT ?? 3100);
const { url } = await openGallery({ port });
say(`Gallery at ${url}`);
