package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v3/jws"
)

const toleranceS = 300

// receiver holds what this endpoint expects. The secret (whsec_…) may be empty, because the JWS is enough.
type receiver struct{ issuer, subscription, secret string }

// verify returns the signed header. The body must be the raw bytes of the request.
func (r receiver) verify(headers http.Header, body []byte, keys jws.KeyProvider, now time.Time) (jws.Headers, error) {
	var signed *jws.Signature
	_, err := jws.Verify([]byte(headers.Get("webhook-jws")), jws.WithCompact(), jws.WithKeyProvider(keys),
		jws.WithDetachedPayload(body), jws.WithAlgorithmMatch(true),
		jws.WithCritValidation(true), jws.WithVerifiedSignature(&signed))
	if err != nil {
		return nil, err
	}
	header := signed.ProtectedHeaders()
	text := func(name string) (value string) { _ = header.Get(name, &value); return }
	for name, expected := range map[string]string{
		"typ": "webhook+jws", "iss": r.issuer, "aud": r.subscription, "eid": headers.Get("webhook-id")} {
		if text(name) != expected {
			return nil, fmt.Errorf("%s is %q, not %q", name, text(name), expected)
		}
	}
	var iat float64
	if err := header.Get("iat", &iat); err != nil || math.Abs(float64(now.Unix())-iat) > toleranceS {
		return nil, fmt.Errorf("signed more than %d s from now", toleranceS)
	}
	if r.secret != "" {
		return header, verifyHMAC(r.secret, headers, body, now)
	}
	return header, nil
}

// verifyHMAC verifies the Standard Webhooks signature, as that project's own Go library does. With the JWS it is optional.
func verifyHMAC(secret string, headers http.Header, body []byte, now time.Time) error {
	at, err := strconv.ParseInt(headers.Get("webhook-timestamp"), 10, 64)
	if err != nil || math.Abs(float64(now.Unix()-at)) > toleranceS {
		return errors.New("webhook-timestamp is too old or not a number")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", headers.Get("webhook-id"), at, body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, signature := range strings.Fields(headers.Get("webhook-signature")) {
		if hmac.Equal([]byte(signature), []byte(expected)) {
			return nil
		}
	}
	return errors.New("webhook-signature does not match the secret and the body")
}
