/**
 * Draws the demo media (twelve posters, a GIF, a text document) that the simulator's first start sends to the bot.
 *
 * When: to look at them, or to have them in a folder for `media index`. `npm start` draws them by itself.
 * Changes: adds the files that are missing to the folder that is named; nothing else.
 *
 *   node scripts/demo-media.ts <folder>
 */
import { demoMedia } from '../src/simulator/demo-media.ts';

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error('usage: node scripts/demo-media.ts <folder>');
  process.exit(2);
}
for await (const { fileName, bytes } of demoMedia(folder)) {
  console.log(`${fileName}  ${Math.ceil(bytes.length / 1024)} kB`);
}
