/** Resolves as the work does, or rejects with this error when the work takes longer than the limit. The work itself goes on. */
export const within = async <T>(work: Promise<T>, limitMs: number, late: () => Error): Promise<T> => {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(late()), limitMs)
  try {
    return await Promise.race([work, over.promise])
  } finally {
    clearTimeout(timer)
  }
}
