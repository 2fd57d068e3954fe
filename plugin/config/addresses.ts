// Says which addresses of a server send everything in clear text over a network that others share. Pure.

import { isIP } from "node:net";

const LOCAL_NAMES = /(^|\.)(localhost|local|lan|internal|home\.arpa)$/;
const PRIVATE_V4 =
  /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const PRIVATE_V6 = /^(::1$|f[cd]|fe[89ab])/;

/** Whether an address is `ws:` or `http:` beyond this machine and private networks. Names without a dot count as private. */
export function isClearText(address: string | undefined): boolean {
  let url: URL;
  try {
    url = new URL(address ?? "");
  } catch {
    return false;
  }
  if (url.protocol !== "ws:" && url.protocol !== "http:") return false;
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return !isPrivate(host.replace(/^::ffff:/, ""));
}

function isPrivate(host: string): boolean {
  if (isIP(host) === 4) return PRIVATE_V4.test(host);
  if (isIP(host) === 6) return PRIVATE_V6.test(host);
  return !host.includes(".") || LOCAL_NAMES.test(host);
}
