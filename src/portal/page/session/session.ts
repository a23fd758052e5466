import { get } from '../api/client.ts'
import { problemFrom } from '../api/problem.ts'
import type { Me, Page, Tenant } from '../api/shapes.ts'
import { replacePlace } from '../router.ts'
import { endSession, enter, keptTenant, session } from './session-state.ts'

/** Signs in with a token: a tenant’s token opens its tenant, the operator’s token the choice of tenants. Throws ApiProblem. */
export const signIn = async (token: string): Promise<void> => {
  const me = await get<Me>('/v1/me', { token })
  if (me.tenant !== null) {
    enter({ phase: 'signed-in', token, me, tenant: { id: me.tenant, name: me.name ?? me.tenant } })
    return
  }
  const wanted = keptTenant()
  const known = wanted === null ? undefined : (await listTenants(token)).find(({ id }) => id === wanted)
  enter(known === undefined ? { phase: 'choosing', token, me } : { phase: 'signed-in', token, me, tenant: known })
}

/** Signs in again with the token of this tab after a reload. The token is forgotten only if Doorbell refuses it, not if Doorbell is unavailable. */
export const restore = async (): Promise<void> => {
  const state = session.peek()
  if (state.phase !== 'restoring') return
  session.value = { ...state, problem: null }
  try {
    await signIn(state.token)
  } catch (error) {
    const problem = problemFrom(error)
    if (problem.status === 401) endSession(problem)
    else session.value = { ...state, problem }
  }
}

/** Reads every tenant, for the operator’s choice. */
export const listTenants = async (token: string): Promise<readonly Tenant[]> => {
  const found: Tenant[] = []
  let cursor: string | undefined
  do {
    const page = await get<Page<Tenant>>('/v1/tenants', { token, query: { limit: 100, cursor } })
    found.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return found
}

export const chooseTenant = (tenant: Tenant): void => {
  const state = session.peek()
  if (state.phase === 'choosing' || state.phase === 'signed-in')
    enter({ phase: 'signed-in', token: state.token, me: state.me, tenant })
}

/** Returns the operator to the choice of tenants. */
export const leaveTenant = (): void => {
  const state = session.peek()
  if (state.phase !== 'signed-in') return
  replacePlace('/')
  enter({ phase: 'choosing', token: state.token, me: state.me })
}

/** Signs out. The address is reset, so the next person does not start in a view of this one. */
export const signOut = (): void => {
  replacePlace('/')
  endSession()
}
