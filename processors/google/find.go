package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"

	"github.com/weirflow/weir/fault"
)

// environment is the variable that names a credential's file.
const environment = "GOOGLE_APPLICATION_CREDENTIALS"

// found is a credential that was found: who it is, and how tokens of a scope
// are got with it. They are not cached.
type found struct {
	principal Principal
	// quota is the project whose quota is used, where that does not follow from
	// the account.
	quota  string
	tokens func(scope string) (auth.TokenProvider, error)
}

// find looks for a credential: what the flow names, then what the operator of
// the server names, then what is at hand.
//
// At hand may be a file that gcloud has written, and the service account that
// is attached to the machine. The file comes first when it says to impersonate
// an account, for then somebody chose that account. Otherwise the machine's own
// account does: it has no expiry, and is made for what runs unattended, whereas
// a person's login sees all that the person does and ends when a company's
// policy says so. Google's libraries would take a login first; who wants it
// used on such a machine says so with the environment variable.
func (g *GoogleCloud) find(ctx context.Context, w *wire) (*found, error) {
	f, err := g.base(ctx, w)
	if err != nil || g.impersonate == "" {
		return f, err
	}
	return impersonated(w, g.impersonate, nil, f), nil
}

func (g *GoogleCloud) base(ctx context.Context, w *wire) (*found, error) {
	if g.key.IsSet() {
		return g.keyCredential(w)
	}
	if path := os.Getenv(environment); path != "" {
		file, err := readCredential(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New("google_file_missing", "file", path, "variable", environment).Permanent()
		}
		if err != nil {
			return nil, err
		}
		return file.open(w)
	}
	path := gcloudFile()
	file, err := readCredential(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil && file.Type == string(credentials.ImpersonatedServiceAccount) {
		return file.open(w)
	}
	patience := metadataPatience
	if err == nil {
		patience = metadataGlance
	}
	email, merr := attachedAccount(ctx, w, patience)
	switch {
	case merr == nil:
		return attached(w, email), nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil:
		return file.open(w)
	}
	return nil, fault.New("google_no_credentials", "service", g.name, "variable", environment, "file", path,
		"metadata", metadataRoot, "login", loginCommand).Permanent().Because(merr)
}

// gcloudFile is where gcloud writes Application Default Credentials.
func gcloudFile() string {
	const name = "application_default_credentials.json"
	if dir := os.Getenv("CLOUDSDK_CONFIG"); dir != "" {
		return filepath.Join(dir, name)
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("APPDATA"), "gcloud", name)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "~" // there is nothing, and this says what was meant
	}
	return filepath.Join(home, ".config", "gcloud", name)
}

// keyCredential takes a service account's key from the flow's secret. Other
// credentials in JSON may name a host to send something to, or a program to
// run, so they are refused there.
func (g *GoogleCloud) keyCredential(w *wire) (*found, error) {
	text, err := g.key.Reveal()
	if err != nil {
		return nil, err
	}
	f := credentialFile{raw: []byte(text)}
	if err := json.Unmarshal(f.raw, &f); err != nil || f.Type != string(credentials.ServiceAccount) || f.Email == "" || f.PrivateKey == "" {
		return nil, fault.New("google_key_bad", "key", g.key.Name()).Permanent()
	}
	if bad := f.elsewhere(); bad != "" {
		return nil, fault.New("google_key_elsewhere", "key", g.key.Name(), "where", clip(bad)).Permanent()
	}
	out, err := f.provide(w, Principal{Kind: KeySecret, Email: f.Email}.found(fault.New("google_in_secret", "key", g.key.Name())))
	if err != nil {
		return nil, fault.New("google_key_bad", "key", g.key.Name()).Permanent()
	}
	return out, nil
}

// How long the metadata server may take: it answers within milliseconds where
// it is, and elsewhere its address may swallow what is sent. A glance is enough
// where there is another credential.
const (
	metadataPatience = 3 * time.Second
	metadataGlance   = time.Second
	metadataRoot     = "http://" + metadataHost + "/computeMetadata/v1/"
)

// askMachine asks the metadata server of a machine at Google.
func askMachine(ctx context.Context, w *wire, path string) (_ string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, metadataRoot+path, nil)
	if err != nil {
		return "", fmt.Errorf("ask the metadata server: %w", err)
	}
	r.Header.Set("Metadata-Flavor", "Google")
	direct := w.plain
	if direct.Proxy != nil {
		direct = direct.Clone()
		direct.Proxy = nil // the address means something else to a proxy
		defer direct.CloseIdleConnections()
	}
	res, err := (&http.Client{Transport: &tokenTransport{plain: direct}}).Do(r)
	if err != nil {
		return "", fmt.Errorf("ask the metadata server: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return "", fmt.Errorf("read from the metadata server: %w", err)
	}
	if res.Header.Get("Metadata-Flavor") != "Google" {
		return "", errors.New("what answers in the metadata server's place is another")
	}
	return strings.TrimSpace(string(b)), nil
}

func attachedAccount(ctx context.Context, w *wire, patience time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return askMachine(ctx, w, "instance/service-accounts/default/email")
}

// attached is the service account of the machine.
func attached(w *wire, email string) *found {
	return &found{principal: Principal{Kind: Attached, Email: email}.found(fault.New("google_in_machine")),
		tokens: func(scope string) (auth.TokenProvider, error) { return machineTokens{w, scope}, nil }}
}

// machineTokens are the tokens of the machine's service account.
type machineTokens struct {
	wire  *wire
	scope string
}

func (m machineTokens) Token(ctx context.Context) (*auth.Token, error) {
	body, err := askMachine(ctx, m.wire, "instance/service-accounts/default/token?scopes="+m.scope)
	if err != nil {
		return nil, err
	}
	var t struct {
		Token   string `json:"access_token"`
		Expires int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &t); err != nil || t.Token == "" || t.Expires <= 0 {
		return nil, errors.Join(errors.New("the metadata server's answer has no token"), err)
	}
	return &auth.Token{Value: t.Token, Type: "Bearer", Expiry: time.Now().Add(time.Duration(t.Expires) * time.Second)}, nil
}
