import { signal } from '@preact/signals'
import type { Problem } from '../api/problem.ts'
import type { Me, Scope, Tenant } from '../api/shapes.ts'

/** The signed-in person. The token is kept in this tab only and is gone when the tab is closed. */
export type Session =
  | { readonly phase: 'signed-out'; readonly problem: Problem | null }
  | { readonly phase: 'restoring'; readonly token: string; readonly problem: Problem | null }
  | { readonly phase: 'choosing'; readonly token: string; readonly me: Me }
  | { readonly phase: 'signed-in'; readonly token: string; readonly me: Me; readonly tenant: Tenant }

const tokenKey = 'doorbell.token'
const tenantKey = 'doorbell.tenant'
const kept = sessionStorage.getItem(tokenKey)

export const session = signal<Session>(
  kept === null ? { phase: 'signed-out', problem: null } : { phase: 'restoring', token: kept, problem: null },
)

/** The tenant that the operator chose last in this tab. */
export const keptTenant = (): string | null => sessionStorage.getItem(tenantKey)

export const enter = (next: Exclude<Session, { phase: 'signed-out' | 'restoring' }>): void => {
  sessionStorage.setItem(tokenKey, next.token)
  if (next.phase === 'signed-in') sessionStorage.setItem(tenantKey, next.tenant.id)
  else sessionStorage.removeItem(tenantKey)
  session.value = next
}

/** Forgets the token. `problem` gives the reason if the person did not sign out. */
export const endSession = (problem: Problem | null = null): void => {
  sessionStorage.removeItem(tokenKey)
  sessionStorage.removeItem(tenantKey)
  session.value = { phase: 'signed-out', problem }
}

export const bearerToken = (): string => {
  const state = session.peek()
  return state.phase === 'signed-out' ? '' : state.token
}

export const tenantId = (): string => {
  const state = session.peek()
  return state.phase === 'signed-in' ? state.tenant.id : ''
}

/** Whether the token has a scope. The page does not offer what the API would refuse. */
export const may = (scope: Scope | 'operator'): boolean => {
  const state = session.value
  if (state.phase !== 'signed-in') return false
  return state.me.role === 'operator' || (scope !== 'operator' && state.me.scopes.includes(scope))
}
