import { Type } from 'typebox'
import { tenantIdPattern } from '../../domain/tenant.ts'
import { closed } from '../http/wire.ts'

export const tenantAnswer = Type.Object({ id: Type.String({ pattern: tenantIdPattern }), name: Type.String() }, closed)
