package google

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/auth"
)

// impersonated is a service account, acted as by who base is. What base has to
// prove itself with goes to Google's credentials service alone; its project for
// quotas is not passed on, as the account has one.
func impersonated(w *wire, account string, delegates []string, base *found) *found {
	who := base.principal
	return &found{principal: Principal{Kind: who.Kind, Email: account, Where: who.Where, Base: &who, words: who.words},
		tokens: func(scope string) (auth.TokenProvider, error) {
			tokens, err := base.tokens(cloudPlatform)
			if err != nil {
				return nil, err
			}
			chain := make([]string, len(delegates))
			for i, d := range delegates {
				chain[i] = "projects/-/serviceAccounts/" + accountName(d)
			}
			return &actingTokens{w, account, chain, scope, base.quota, tokens}, nil
		}}
}

// accountName returns the account at the end of a resource name.
func accountName(d string) string {
	for i := len(d) - 1; i >= 0; i-- {
		if d[i] == '/' {
			return d[i+1:]
		}
	}
	return d
}

// actingTokens are the tokens of an impersonated account.
type actingTokens struct {
	wire      *wire
	account   string
	delegates []string
	scope     string
	quota     string
	base      auth.TokenProvider
}

func (t *actingTokens) Token(ctx context.Context) (*auth.Token, error) {
	proof, err := t.base.Token(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{"scope": []string{t.scope}, "delegates": t.delegates, "lifetime": "3600s"})
	if err != nil {
		return nil, fmt.Errorf("impersonate %s: %w", t.account, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost,
		"https://"+impersonateHost+"/v1/projects/-/serviceAccounts/"+t.account+":generateAccessToken", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("impersonate %s: %w", t.account, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+proof.Value)
	if t.quota != "" {
		r.Header.Set("X-Goog-User-Project", t.quota)
	}
	res, err := t.wire.tokens().Do(r)
	if err != nil {
		return nil, fmt.Errorf("impersonate %s: %w", t.account, err)
	}
	var got struct {
		Token string    `json:"accessToken"`
		Until time.Time `json:"expireTime"`
	}
	err = json.NewDecoder(res.Body).Decode(&got)
	if err = errors.Join(err, res.Body.Close()); err == nil && got.Token == "" {
		err = errors.New("the answer has no token")
	}
	if err != nil {
		return nil, fmt.Errorf("impersonate %s: %w", t.account, err)
	}
	return &auth.Token{Value: got.Token, Type: "Bearer", Expiry: got.Until}, nil
}
