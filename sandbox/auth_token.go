package sandbox

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// claims are what an assertion of a service account says.
type claims struct {
	Iss   string `json:"iss"`
	Sub   string `json:"sub"`
	Aud   string `json:"aud"`
	Scope string `json:"scope"`
	Iat   int64  `json:"iat"`
	Exp   int64  `json:"exp"`
}

// What is wrong with an assertion, in Google's words.
var (
	errJWT       = errors.New("Bad Request")
	errSignature = errors.New("Invalid JWT Signature.")
	errNobody    = errors.New("Invalid grant: account not found")
	errTime      = errors.New("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	errAudience  = errors.New("Invalid JWT: Failed audience check.")
)

// skew is by how much a clock may be wrong.
const skew = 5 * time.Minute

// verify reads an assertion that a service account has signed with RS256
// (RFC 7519). The caller holds a.mu.
func (a *Auth) verify(text string) (*Account, claims, error) {
	var c claims
	var head struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || decode64(parts[0], &head) != nil || decode64(parts[1], &c) != nil || head.Alg != "RS256" {
		return nil, c, errJWT
	}
	who := a.byEmail(c.Iss)
	if who == nil {
		return nil, c, errNobody
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || who.key == nil || head.Kid != "" && head.Kid != who.keyID ||
		rsa.VerifyPKCS1v15(who.key, crypto.SHA256, sum[:], signature) != nil {
		return nil, c, errSignature
	}
	now, iat, exp := a.now(), time.Unix(c.Iat, 0), time.Unix(c.Exp, 0)
	if iat.After(now.Add(skew)) || exp.Before(now) || exp.Sub(iat) > time.Hour+skew {
		return nil, c, errTime
	}
	return who, c, nil
}

func decode64(part string, v any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// resolve returns what a bearer token stands for, or nil: one that was given,
// or an assertion that a service account has signed for an API itself. The
// caller holds a.mu.
func (a *Auth) resolve(token string, api API) *grant {
	if g := a.tokens[token]; g != nil {
		if a.now().After(g.expires) || g.account.Gone {
			return nil
		}
		return g
	}
	who, c, err := a.verify(token)
	if err != nil || c.Sub != c.Iss || c.Scope == "" && c.Aud != "https://"+api.host()+"/" {
		return nil
	}
	scopes := strings.Fields(c.Scope)
	if c.Scope == "" {
		scopes = []string{cloudScope} // the audience names the API
	}
	return &grant{who, scopes, time.Unix(c.Exp, 0)}
}
