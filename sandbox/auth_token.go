package sandbox

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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
const (
	badForm      = "Bad Request"
	badSignature = "Invalid JWT Signature."
	nobody       = "Invalid grant: account not found"
	badTime      = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."
	badAudience  = "Invalid JWT: Failed audience check."
)

// skew is by how much a clock may be wrong.
const skew = 5 * time.Minute

// verify reads an assertion that a service account has signed with RS256
// (RFC 7519), and says what is wrong with it, if anything. The caller holds a.mu.
func (a *Auth) verify(text string) (who *Account, c claims, wrong string) {
	var head struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || decode64(parts[0], &head) != nil || decode64(parts[1], &c) != nil || head.Alg != "RS256" {
		return nil, c, badForm
	}
	who = a.byEmail(c.Iss)
	if who == nil {
		return nil, c, nobody
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || who.key == nil || head.Kid != "" && head.Kid != who.keyID ||
		rsa.VerifyPKCS1v15(who.key, crypto.SHA256, sum[:], signature) != nil {
		return nil, c, badSignature
	}
	now, iat, exp := a.now(), time.Unix(c.Iat, 0), time.Unix(c.Exp, 0)
	if iat.After(now.Add(skew)) || exp.Before(now) || exp.Sub(iat) > time.Hour+skew {
		return nil, c, badTime
	}
	return who, c, ""
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
	who, c, wrong := a.verify(token)
	if wrong != "" || c.Sub != c.Iss || c.Scope == "" && c.Aud != "https://"+api.host()+"/" {
		return nil
	}
	scopes := strings.Fields(c.Scope)
	if c.Scope == "" {
		scopes = []string{cloudScope} // the audience names the API
	}
	return &grant{who, scopes, time.Unix(c.Exp, 0)}
}
