import { Type } from 'typebox'
import { closed, maybe } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { keysAnswer } from './wire.ts'

export const keyOperations = {
  list: {
    id: 'listKeys',
    tag: 'Keys',
    method: 'get',
    path: '/v1/keys',
    summary: 'List the signing keys',
    access: 'operator',
    answers: { 200: { description: 'The oldest first', schema: keysAnswer } },
  },
  rotate: {
    id: 'rotateKeys',
    runsAlone: true,
    tag: 'Keys',
    method: 'post',
    path: '/v1/keys/rotate',
    summary: 'Sign with the next key from now on',
    description:
      'The old key stays published, and a new next key is created. Refused while verifiers that cache the key set may not know the next key.',
    access: 'operator',
    body: {
      schema: Type.Object(
        {
          force: maybe(
            Type.Boolean({
              description: 'true: rotate at once, e.g. after a key leaked; verifiers must fetch the key set again',
            }),
          ),
        },
        closed,
      ),
      limitBytes: 1_024,
      optional: true,
    },
    audit: { fields: Type.Object({ current: Type.String() }) },
    answers: { 200: { description: 'The keys after the rotation', schema: keysAnswer } },
    problems: ['conflict'],
  },
} as const satisfies Record<string, Operation>
