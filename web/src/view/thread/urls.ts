/** Which addresses of a server's may be followed, and which images shown. */

import { words } from "./words";

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);
const INLINE_IMAGE = /^data:image\/(?:avif|bmp|gif|jpeg|png|webp)[;,]/i;

function parsed(url: string): URL | null {
  try {
    return new URL(url, document.baseURI);
  } catch {
    return null;
  }
}

/** The address of a link; null: it is none that one may follow. */
export function linkUrl(value: unknown): string | null {
  const url = words(value).trim();
  if (url === "") return null;
  const address = parsed(url);
  return address !== null && LINKS.has(address.protocol) ? address.href : null;
}

/** The address of an image; null: it is none, or from where images may not come. */
export function imageUrl(value: unknown, domains: readonly string[] | undefined): string | null {
  const url = words(value).trim();
  if (INLINE_IMAGE.test(url) || url.startsWith("blob:")) return url;
  const address = url === "" ? null : parsed(url);
  if (address === null || !/^https?:$/.test(address.protocol)) return null;
  return domains === undefined || isAllowed(address, domains) ? address.href : null;
}

function isAllowed({ hostname, origin }: URL, domains: readonly string[]): boolean {
  if (origin === location.origin) return true;
  return domains.some(domain => {
    const name = domain.toLowerCase().replace(/^\*\./, "");
    return hostname === name || hostname.endsWith(`.${name}`);
  });
}

/** As "example.com"; empty for what has no host. */
export function hostOf(url: unknown): string {
  return parsed(words(url))?.hostname.replace(/^www\./, "") ?? "";
}
