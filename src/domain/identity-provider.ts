/** The portal's own identity provider, whose users may call the API. */
export interface IdentityProviderSettings {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  /** The token's claim with the tenant's id; dots lead into objects. */
  readonly tenantClaim: string
  /** The claim with the role: a text or a list of texts. */
  readonly roleClaim: string
  /** The role with the operator's rights; null: no role has them. */
  readonly operatorRole: string | null
}
