import type { Context } from 'koa'
import { Failure } from '../../domain/failure.ts'
import type { Subscription } from '../../domain/subscription.ts'

export const etagOf = ({ version }: Subscription): string => `"${version}"`

/** Refuses a change by a caller that has not seen the latest version (RFC 9110 §13.1.1). */
export const checkIfMatch = (context: Context, subscription: Subscription): void => {
  const wanted = context.get('if-match')
  if (wanted !== '' && wanted !== '*' && !wanted.split(/\s*,\s*/).includes(etagOf(subscription))) throw changedSince()
}

export const changedSince = (): Failure =>
  new Failure(
    'precondition_failed',
    'The subscription has changed since you read it. Read it again and repeat your change.',
  )
