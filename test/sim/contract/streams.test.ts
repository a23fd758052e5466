import { hold } from './hold.ts'
import { breakingStreams, streamFaults } from './stream-faults.ts'
import { streamFleet } from './stream-fleet.ts'
import { streamLost } from './stream-lost.ts'
import { streamMessages } from './stream-messages.ts'
import { streamSides } from './stream-sides.ts'
import { streamStore } from './stream-store.ts'

hold(streamSides, [...streamMessages, ...streamStore, ...streamFleet, ...streamLost])
hold(breakingStreams, streamFaults)
