import { useEffect, useRef, useState } from 'preact/hooks'
import { followDeliveries } from '../api/live.ts'
import type { Delivery } from '../api/shapes.ts'

interface Live {
  /** Follows the deliveries of this subscription only. */
  readonly subscriptionId?: string
  readonly onDelivery: (delivery: Delivery) => void
  /** Runs when the stream is open again after an interruption; the list has what changed in between. */
  readonly onReturn?: () => void
  /** False follows nothing, e.g. because the token may not read deliveries. */
  readonly isWanted?: boolean
}

/** Follows deliveries while the component is shown. Returns whether the stream is open. */
export const useLive = ({ subscriptionId, onDelivery, onReturn, isWanted = true }: Live): boolean => {
  const [isLive, setLive] = useState(false)
  const callbacks = useRef({ onDelivery, onReturn })
  callbacks.current = { onDelivery, onReturn }
  useEffect(() => {
    if (!isWanted) return undefined
    const controller = new AbortController()
    let wasLive = false
    void followDeliveries({
      subscriptionId,
      signal: controller.signal,
      onDelivery: delivery => callbacks.current.onDelivery(delivery),
      onState: next => {
        if (controller.signal.aborted) return
        if (next && wasLive) callbacks.current.onReturn?.()
        wasLive ||= next
        setLive(next)
      },
    })
    return () => controller.abort()
  }, [subscriptionId, isWanted])
  return isLive
}
