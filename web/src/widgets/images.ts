/** Which images may be loaded, and from where. */
import { imageAddress } from "../markdown/links";

const EMBEDDED = /^data:image\/(?:png|jpe?g|gif|webp|avif|svg\+xml)[;,]/i;

/** The address of an image; null: it is none that may be loaded. What is embedded runs nothing in an image, SVG neither. */
export function imageUrl(src: string, allowedDomains: readonly string[] | undefined): string | null {
  const url = parsed(src.trim());
  if (url === null) return null;
  if (url.protocol === "data:") return EMBEDDED.test(url.href) ? url.href : null;
  return url.protocol === "blob:" ? url.href : imageAddress(url.href, allowedDomains);
}

/** A page's address for an image that is not loaded; null: it leads nowhere. */
export function linkUrl(src: string): string | null {
  const url = parsed(src.trim());
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}

function parsed(src: string): URL | null {
  try {
    return src === "" ? null : new URL(src, document.baseURI);
  } catch {
    return null;
  }
}
