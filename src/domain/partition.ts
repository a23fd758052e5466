/**
 * Returns the partition of a tenant, as nats-server's subject mapping `{{partition(n,1)}}` computes it: 32-bit FNV-1a over the token,
 * modulo n. Tenant ids are ASCII, so each character is one byte.
 */
export const partitionOf = (tenant: string, partitions: number): number => fnv1a(tenant) % partitions

/** FNV-1a, 32 bits (draft-eastlake-fnv §2). */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
