/** `npm run kit:types`: writes the types of the events' data into the receiver's kit. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventTypes } from '../../config/event-types/index.ts'
import { eventDataSource } from './event-data.ts'

writeFileSync(join(import.meta.dirname, '../../src/receiver/event-data.ts'), eventDataSource(eventTypes))
