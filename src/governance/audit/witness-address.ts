export type WitnessAddress =
  | { readonly kind: "address"; readonly url: string }
  | { readonly kind: "refused"; readonly message: string };

const loopback = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

/**
 * Where a witness takes checkpoints: https, or http on this machine; no name and password, query or
 * fragment, for the path of the call is put behind it. Slashes at the end are taken away.
 */
export function witnessAddress(text: string): WitnessAddress {
  const refused = (message: string): WitnessAddress => ({ kind: "refused", message });
  if (!URL.canParse(text)) return refused("is not an address");
  const url = new URL(text);
  const isLocal = url.protocol === "http:" && loopback.test(url.hostname);
  if (url.protocol !== "https:" && !isLocal)
    return refused("must begin with https:// (http:// only for this machine)");
  if (url.username !== "" || url.password !== "") return refused("holds a name or a password");
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(text))
    return refused("holds a query or a fragment");
  return { kind: "address", url: url.href.replace(/\/+$/, "") };
}
