/** Where links may lead, and where images may come from. */

/** Schemes that do no more than lead elsewhere. */
const SCHEMES: ReadonlySet<string> = new Set(["http", "https", "mailto", "tel"]);
const SCHEME = /^([a-z][a-z0-9+.-]*):/i;
const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp)[;,]/i;
const DEEP_LINK = /^chatkit-link:\/\/([^?#]*)(?:\?([^#]*))?/i;

/** As browsers read an address: without white space around it, and without line ends and tabs anywhere. */
function normalized(address: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what browsers leave out
  return address.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$|[\t\n\r]/g, "");
}

function schemeOf(address: string): string | null {
  return SCHEME.exec(address)?.[1]?.toLowerCase() ?? null;
}

/** The address of a link, or null where it may not be one. Relative addresses are fine. */
export function linkAddress(address: string): string | null {
  const link = normalized(address);
  const scheme = schemeOf(link);
  return scheme === null || SCHEMES.has(scheme) ? link : null;
}

/** Whether an image may be shown: from these domains and what is below them, where there is such a list. */
export function imageAddress(address: string, domains: readonly string[] | undefined): string | null {
  const image = normalized(address);
  if (DATA_IMAGE.test(image)) return image;
  const scheme = schemeOf(image);
  if (scheme !== null && scheme !== "http" && scheme !== "https") return null;
  return domains === undefined || isAllowed(image, domains) ? image : null;
}

/** What is no address at all is not from there either. */
function isAllowed(image: string, domains: readonly string[]): boolean {
  if (!URL.canParse(image, document.baseURI)) return false;
  const { origin, hostname } = new URL(image, document.baseURI);
  return origin === new URL(document.baseURI).origin || domains.some(domain => isWithin(hostname, domain));
}

function isWithin(host: string, domain: string): boolean {
  const name = domain
    .toLowerCase()
    .replace(/^(?:https?:\/\/)?(?:\*?\.)?/, "")
    .replace(/[:/].*$/, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

export interface DeepLink {
  name: string;
  data: Record<string, string>;
}

/** `chatkit-link://name?key=value`. */
export function deepLink(address: string): DeepLink | null {
  const match = DEEP_LINK.exec(normalized(address));
  if (!match) return null;
  const [, name = "", query = ""] = match;
  return { name: unescaped(name.replace(/\/$/, "")), data: Object.fromEntries(new URLSearchParams(query)) };
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
