// Idempotency keys: a random UUID [RFC 9562] for each new piece of work.

/** A fresh key. It must be unique, and need not be secret. */
export function freshKey(random: () => number): string {
  const bytes = new Uint8Array(16);
  // `randomUUID` exists on secure pages only, and React Native has neither unless it is polyfilled.
  if (typeof globalThis.crypto?.getRandomValues === "function") {
    globalThis.crypto.getRandomValues(bytes);
  } else {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256);
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
