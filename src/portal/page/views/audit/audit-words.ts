import type { AuditEntry } from '../../api/shapes.ts'

/** Every action that the API records, in words: "The operator created a subscription". */
export const actionWords: Readonly<Record<string, string>> = {
  createSubscription: 'created a subscription',
  changeSubscription: 'changed a subscription',
  deleteSubscription: 'deleted a subscription',
  pauseSubscription: 'paused a subscription',
  resumeSubscription: 'resumed a subscription',
  disableSubscription: 'disabled a subscription',
  testSubscription: 'sent a test event',
  verifySubscription: 'verified an endpoint',
  rotateSecret: 'rotated a secret',
  resendDelivery: 'sent a delivery again',
  cancelDelivery: 'cancelled a delivery',
  startReplay: 'started a replay',
  cancelReplay: 'cancelled a replay',
  createToken: 'created a token',
  revokeToken: 'revoked a token',
  eraseVisitor: 'erased a visitor',
  putRetention: 'changed the retention',
  putTenant: 'set the name of a tenant',
  rotateKeys: 'rotated the signing keys',
}

export const actionText = ({ action, resource }: Pick<AuditEntry, 'action' | 'resource'>): string => {
  // A dry run creates no replay, so it has no id.
  if (action === 'startReplay' && resource.id === '') return 'counted the deliveries of a replay'
  return actionWords[action] ?? action
}

/** "The operator", "Token tok_1", "Doorbell". */
export const actorText = ({ kind, id }: AuditEntry['actor']): string => {
  if (kind === 'operator') return 'The operator'
  if (kind === 'system') return 'Doorbell'
  return `${kind === 'token' ? 'Token' : 'User'} ${id}`
}

const paths: Readonly<Record<string, string>> = {
  subscription: '/subscriptions',
  delivery: '/deliveries',
  replay: '/replays',
}

/** The path of the page of a changed resource; null if it has none. */
export const pathOf = ({ kind, id }: AuditEntry['resource']): string | null => {
  const path = paths[kind]
  return id === '' || path === undefined ? null : `${path}/${encodeURIComponent(id)}`
}
