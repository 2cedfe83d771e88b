/** Which addresses of a server's may be followed, and which images shown. */

import { imageAddress, linkAddress } from "../../markdown/links";
import { words } from "./words";

/** The address of a link; null: it is none that one may follow. */
export function linkUrl(value: unknown): string | null {
  return linkAddress(words(value)) || null;
}

/** The address of an image; null: it is none, or from where images may not come. `blob:` is a file of this page's. */
export function imageUrl(value: unknown, domains: readonly string[] | undefined): string | null {
  const url = words(value);
  return url.startsWith("blob:") ? url : imageAddress(url, domains) || null;
}

/** As "example.com"; empty for what has no host. */
export function hostOf(url: unknown): string {
  const address = words(url);
  return URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, "") : "";
}
