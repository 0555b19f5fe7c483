package access

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// tokensMost bounds the tokens.
const tokensMost = 200

// token is a bearer token as the file has it.
type token struct {
	Name     string    `json:"name"`
	Hash     string    `json:"sha256"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used,omitzero"`
}

// Token is a bearer token without its secret.
type Token struct {
	Name     string    `json:"name"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used,omitzero"`
}

var tokenName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$`)

// Tokens lists the tokens by name.
func (b *Book) Tokens() []Token {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Token{}
	for _, t := range b.state.Tokens {
		out = append(out, Token{t.Name, t.Created, t.LastUsed})
	}
	slices.SortFunc(out, func(x, y Token) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// CreateToken makes a token and returns its secret, which is kept nowhere.
func (b *Book) CreateToken(name string) (string, error) {
	if !tokenName.MatchString(name) {
		return "", fault.New("token_name", "name", name).Permanent()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.state.Tokens, func(t *token) bool { return t.Name == name }) {
		return "", fault.New("token_taken", "name", name).Permanent()
	}
	if len(b.state.Tokens) >= tokensMost {
		return "", fault.New("tokens_many", "most", tokensMost).Permanent()
	}
	secret := chance("weir_")
	err := b.change(func(to *state) {
		to.Tokens = append(to.Tokens, &token{Name: name, Hash: hashed(secret), Created: b.now()})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// RemoveToken removes a token and ends what goes on with it.
func (b *Book) RemoveToken(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.state.Tokens, func(t *token) bool { return t.Name == name })
	if i < 0 {
		return fault.New("token_unknown", "name", name).Permanent()
	}
	return b.change(func(to *state) { to.Tokens = slices.Delete(to.Tokens, i, i+1) })
}

// Bearer returns the pass of a token's secret, or nil when there is none.
func (b *Book) Bearer(secret string) *Pass {
	if secret == "" {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	h := hashed(secret)
	i := slices.IndexFunc(b.state.Tokens, func(t *token) bool { return t.Hash == h })
	if i < 0 {
		return nil
	}
	t := b.state.Tokens[i]
	if now := b.now(); now.Sub(t.LastUsed) > keepAfter {
		t.LastUsed = now
		b.used()
	}
	ends, done := b.hold(h)
	return &Pass{User: "token:" + t.Name, Way: "token", Ends: ends, Done: done}
}
