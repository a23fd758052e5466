import { Type } from 'typebox'
import type { Operation } from '../operation/operation.ts'

const closed = { additionalProperties: false }
const moment = (description: string) => Type.String({ format: 'date-time', description })
const keys = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          kid: Type.String(),
          alg: Type.Enum(['ES256', 'Ed25519']),
          use: Type.Enum(['next', 'current', 'retired']),
          createdAt: moment('Since when it is published'),
          usableAt: moment('When every verifier knows it'),
          currentSince: Type.Union([moment('Since when it signs'), Type.Null()]),
          retiredAt: Type.Union([moment('Since when it signs no longer'), Type.Null()]),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const keyOperations = {
  list: {
    id: 'listKeys',
    tag: 'Keys',
    method: 'get',
    path: '/v1/keys',
    summary: 'The signing keys and their use',
    access: 'operator',
    answers: { 200: { description: 'The oldest first', schema: keys } },
  },
  rotate: {
    id: 'rotateKeys',
    tag: 'Keys',
    method: 'post',
    path: '/v1/keys/rotate',
    summary: 'Sign with the next key from now on',
    description:
      'The old one stays published, a new next one is made. Refused while verifiers that cache the key set may not know the next key.',
    access: 'operator',
    body: {
      schema: Type.Object(
        {
          force: Type.Optional(
            Type.Boolean({ description: 'true: now, e.g. since a key leaked; verifiers must fetch the key set' }),
          ),
        },
        closed,
      ),
      limitBytes: 1_024,
      optional: true,
    },
    answers: { 200: { description: 'The keys after it', schema: keys } },
    problems: ['conflict'],
  },
} as const satisfies Record<string, Operation>
