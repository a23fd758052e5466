/** After this time NATS offers an unacknowledged message again. It is longer than the longest attempt (30 s) with its write; longer work extends it every 15 s. */
export const ackWaitMs = 60_000
/** How long a worker that died keeps its partitions. */
export const leaseMs = 6_000
/** The most unacknowledged messages of one partition. It bounds the memory, and how much one busy subscription can hold up. */
export const partitionWindow = 512
