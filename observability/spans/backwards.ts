const smallest = 16 * 1_024

/**
 * Writes Protocol Buffers from their end to their start ("Encoding", Message Structure): what is inside a message stands before its length is
 * written, so nothing is measured beforehand and nothing is moved. Each call writes one field in front of what there is.
 */
export class BackwardsWriter {
  private bytes: Buffer
  private at: number

  constructor(capacity = smallest) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacity, smallest))
    this.at = this.bytes.length
  }

  /** Bytes so far; a message's length is what came since a moment before it. */
  get written(): number {
    return this.bytes.length - this.at
  }

  /** What was written; the writer must not be used again. */
  finish(): Buffer {
    return this.bytes.subarray(this.at)
  }

  /** Makes what was written since then the content of this field. */
  enclose(field: number, since: number): void {
    this.varint(this.written - since)
    this.tag(field, 2)
  }

  text(field: number, text: string): void {
    this.room(text.length)
    let { at } = this
    for (let n = text.length - 1; n >= 0; n -= 1) {
      const code = text.charCodeAt(n)
      if (code > 127) return this.raw(field, Buffer.from(text))
      this.bytes[(at -= 1)] = code
    }
    this.at = at
    this.varint(text.length)
    this.tag(field, 2)
  }

  /** Bytes as hexadecimal digits. */
  hex(field: number, digits: string): void {
    const length = digits.length >>> 1
    this.room(length)
    this.at -= length
    this.bytes.write(digits, this.at, length, 'hex')
    this.varint(length)
    this.tag(field, 2)
  }

  raw(field: number, content: Uint8Array): void {
    this.room(content.length)
    this.at -= content.length
    this.bytes.set(content, this.at)
    this.varint(content.length)
    this.tag(field, 2)
  }

  /** uint32, enum, bool */
  number(field: number, value: number): void {
    this.varint(value)
    this.tag(field, 0)
  }

  /** int64; any safe integer. */
  integer(field: number, value: number): void {
    if (value >= 0 && value < 0x1_00_00_00_00) this.varint(value)
    else this.longVarint(BigInt.asUintN(64, BigInt(value)))
    this.tag(field, 0)
  }

  double(field: number, value: number): void {
    this.room(8)
    this.at = this.bytes.writeDoubleLE(value, this.at - 8) - 8
    this.tag(field, 1)
  }

  fixed32(field: number, value: number): void {
    this.room(4)
    this.at = this.bytes.writeUInt32LE(value, this.at - 4) - 4
    this.tag(field, 5)
  }

  /** Milliseconds since the epoch, with their fraction, as nanoseconds in a fixed64. */
  nanoseconds(field: number, ms: number): void {
    const whole = Math.floor(ms)
    // whole × 1,000,000 has more than the 53 bits of a number: it is put together of two halves.
    const upper = Math.floor(whole / 65_536) * 1_000_000
    const lower = (whole % 65_536) * 1_000_000 + Math.round((ms - whole) * 1_000_000)
    const sum = (upper % 65_536) * 65_536 + lower
    this.room(8)
    this.bytes.writeUInt32LE(sum % 0x1_00_00_00_00, this.at - 8)
    this.bytes.writeUInt32LE(Math.floor(upper / 65_536) + Math.floor(sum / 0x1_00_00_00_00), this.at - 4)
    this.at -= 8
    this.tag(field, 1)
  }

  private tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType)
  }

  private varint(value: number): void {
    this.room(5)
    const length = value < 0x80 ? 1 : value < 0x40_00 ? 2 : value < 0x20_00_00 ? 3 : value < 0x10_00_00_00 ? 4 : 5
    this.at -= length
    let rest = value
    for (let n = 0; n < length - 1; n += 1) {
      this.bytes[this.at + n] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at + length - 1] = rest
  }

  private longVarint(value: bigint): void {
    const bytes: number[] = []
    for (let rest = value; ; rest >>= 7n) {
      const isLast = rest < 0x80n
      bytes.push(Number(rest & 0x7fn) | (isLast ? 0 : 0x80))
      if (isLast) break
    }
    this.room(bytes.length)
    this.at -= bytes.length
    this.bytes.set(bytes, this.at)
  }

  /** What there is moves to the end of twice the room. */
  private room(wanted: number): void {
    if (this.at >= wanted) return
    const { written } = this
    const larger = Buffer.allocUnsafeSlow(2 * (written + wanted))
    larger.set(this.finish(), larger.length - written)
    this.bytes = larger
    this.at = larger.length - written
  }
}
