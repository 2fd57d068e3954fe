// Reads the two claims of an OpenIM token that replace missing options. It verifies nothing: the server does. Pure.

export interface TokenClaims {
  userID?: string;
  platformID?: number;
}

export function readTokenClaims(token: string): TokenClaims {
  const payload = token.split(".")[1];
  if (!payload) return {};
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return {};
  }
  if (typeof claims !== "object" || claims === null) return {};
  const { UserID, PlatformID } = claims as Record<string, unknown>;
  return {
    ...(typeof UserID === "string" && UserID.trim() ? { userID: UserID.trim() } : {}),
    ...(typeof PlatformID === "number" && Number.isInteger(PlatformID) ? { platformID: PlatformID } : {}),
  };
}
