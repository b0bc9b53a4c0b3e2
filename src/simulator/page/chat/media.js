import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../parts/icon.js';
import { viewPictures } from '../parts/picture-viewer.js';
import { fileAddress } from '../server.js';
import { sizeWords } from './words.js';

/**
 * The picture, video, animation or file of a message. `album`: all messages it is shown with; as a tile of a grid it
 * has the grid's shape instead of its own.
 */
export function Media({ message, album = [message], isTile = false }) {
  if (message.photo !== undefined) return html`<${Photo} ...${{ message, album, isTile }} />`;
  // Telegram gives an animation a document, too.
  const moving = message.video ?? message.animation;
  if (moving !== undefined) return html`<${Moving} message=${message} file=${moving} isTile=${isTile} />`;
  return message.document === undefined ? null : html`<${File} file=${message.document} />`;
}

export const isVisual = ({ photo, video, animation }) => (photo ?? video ?? animation) !== undefined;

const pictureOf = (message) => ({
  fileId: message.photo.at(-1).file_id,
  alt: message.caption ?? 'Picture without a caption',
});

function Photo({ message, album, isTile }) {
  const [isHidden, setHidden] = useState(message.has_media_spoiler === true);
  const { width, height } = message.photo.at(-1);
  const { fileId, alt } = pictureOf(message);
  const photos = album.filter(({ photo }) => photo !== undefined);
  const open = () => {
    if (isHidden) setHidden(false);
    else viewPictures(photos.map(pictureOf), photos.indexOf(message));
  };
  return html`
    <button type="button" class=${isHidden ? 'media hidden-media' : 'media'} style=${isTile ? {} : shape(width, height)}
      aria-label=${isHidden ? 'Show the hidden picture' : 'View the picture'} onClick=${open}>
      <img src=${fileAddress(fileId)} width=${width} height=${height} alt=${alt} decoding="async" draggable="false" />
    </button>
  `;
}

function Moving({ message, file, isTile }) {
  const { file_id: fileId, width, height, mime_type: type = '' } = file;
  const alt = message.caption ?? 'Video without a caption';
  const about = { src: fileAddress(fileId), width, height };
  const how = message.video === undefined ? { autoplay: !isCalm(), loop: true, muted: true } : { preload: 'metadata' };
  const hasControls = message.video !== undefined || isCalm();
  return html`
    <span class="media" style=${isTile ? {} : shape(width, height)}>
      ${
        type.startsWith('image/')
          ? html`<img ...${about} alt=${alt} />`
          : html`<video ...${about} ...${how} controls=${hasControls} playsinline aria-label=${alt}></video>`
      }
      ${message.video === undefined && html`<span class="kind" aria-hidden="true">GIF</span>`}
    </span>
  `;
}

const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

function File({ file }) {
  const name = file.file_name ?? 'File';
  return html`
    <a class="file" href=${fileAddress(file.file_id)} download=${name}>
      <span class="disc"><${Icon} name="file" /></span>
      <span class="about"><b dir="auto">${name}</b><small>${sizeWords(file.file_size)}</small></span>
    </a>
  `;
}

/** Keeps the place free until the picture is there. */
const shape = (width, height) => ({ 'aspect-ratio': `${width || 4} / ${height || 3}` });
