import { Failure } from '../../domain/failure.ts'
import type { CallMiddleware } from './call.ts'
import type { Guard } from './guard.ts'
import type { Operation } from './operation.ts'

/** Lets in whom the operation is for, and leaves the caller in `context.state.principal`. Null: anyone may call. */
export const authenticate = (guard: Guard, { access }: Operation): CallMiddleware | null => {
  if (access === 'open') return null
  return async (context, next) => {
    const principal = await guard.identify(context.get('authorization'))
    context.state.principal = principal
    if (access === 'operator') {
      if (principal.kind !== 'operator') throw new Failure('forbidden', 'Only the operator may make this call.')
    } else if (access !== 'known') await guard.admit(principal, context.params['tenant'] ?? '', access)
    return next()
  }
}
