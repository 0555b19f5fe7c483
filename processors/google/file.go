package google

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"

	"github.com/weirflow/weir/fault"
)

// credentialFile is what is read here of a credential in JSON, whatever its
// type. The rest is for Google's library.
type credentialFile struct {
	path string
	raw  []byte

	Type       string `json:"type"`
	Email      string `json:"client_email"`
	PrivateKey string `json:"private_key"`
	TokenURI   string `json:"token_uri"`
	Universe   string `json:"universe_domain"`
	Quota      string `json:"quota_project_id"`
	Account    string `json:"account"`
	// TokenURL and Impersonation are where an identity from elsewhere is
	// exchanged; Impersonation is also how an account is impersonated.
	TokenURL      string   `json:"token_url"`
	Impersonation string   `json:"service_account_impersonation_url"`
	Delegates     []string `json:"delegates"`
	// Source is who impersonates.
	Source json.RawMessage `json:"source_credentials"`
	// From is where the proof of an identity comes from.
	From struct {
		URL     string `json:"url"`
		Region  string `json:"region_url"`
		Session string `json:"imdsv2_session_token_url"`
	} `json:"credential_source"`
}

// most bounds a credential's file.
const most = 1 << 20

// readCredential reads the credential that the operator of the server has put
// on its disk. The error is fs.ErrNotExist where there is none.
func readCredential(path string) (*credentialFile, error) {
	info, err := os.Stat(path)
	if err == nil && (!info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 || info.Size() > most) {
		err = fmt.Errorf("it is no file of at most %d bytes", most)
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(path)
	}
	if os.IsNotExist(err) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, fault.New("google_file_unreadable", "file", path).Permanent().Because(err)
	}
	return parseCredential(path, raw)
}

func parseCredential(path string, raw []byte) (*credentialFile, error) {
	f := &credentialFile{path: path, raw: raw}
	if json.Unmarshal(raw, f) != nil || f.Type == "" {
		return nil, fault.New("google_file_bad", "file", path).Permanent()
	}
	return f, nil
}

// open makes a credential of the file.
func (f *credentialFile) open(w *wire) (*found, error) {
	if bad := f.elsewhere(); bad != "" {
		return nil, fault.New("google_file_elsewhere", "file", f.path, "where", clip(bad)).Permanent()
	}
	p := Principal{Where: f.path}
	switch credentials.CredType(f.Type) {
	case credentials.ServiceAccount:
		p.Kind, p.Email = KeyFile, f.Email
	case credentials.AuthorizedUser:
		p.Kind, p.Email = Login, f.Account
	case credentials.ExternalAccount:
		p.Kind, p.Email = Workload, accountOf(f.Impersonation)
	case credentials.ImpersonatedServiceAccount:
		return f.openImpersonated(w)
	default:
		return nil, fault.New("google_file_type", "file", f.path, "type", clip(f.Type)).Permanent()
	}
	out, err := f.provide(w, p)
	if err != nil {
		return nil, fault.New("google_file_bad", "file", f.path).Permanent()
	}
	return out, nil
}

// openImpersonated opens who impersonates, and the account on top.
func (f *credentialFile) openImpersonated(w *wire) (*found, error) {
	target := accountOf(f.Impersonation)
	source, err := parseCredential(f.path, f.Source)
	if err != nil || target == "" || source.Type == f.Type {
		return nil, fault.New("google_file_bad", "file", f.path).Permanent()
	}
	base, err := source.open(w)
	if err != nil {
		return nil, err
	}
	out := impersonated(w, target, f.Delegates, base)
	out.quota = f.Quota
	return out, nil
}

// provide leaves the file to Google's library, with a client that goes nowhere
// else. What the library would find out with the first token is found out here.
func (f *credentialFile) provide(w *wire, p Principal) (*found, error) {
	if f.TokenURI != "" {
		var err error
		if f.raw, err = today(f.raw); err != nil {
			return nil, err
		}
	}
	client := w.tokens(f.sources()...)
	tokens := func(scope string) (auth.TokenProvider, error) {
		c, err := credentials.NewCredentialsFromJSON(credentials.CredType(f.Type), f.raw,
			&credentials.DetectOptions{Scopes: []string{scope}, Client: client, DisableAsyncRefresh: true})
		if err != nil {
			return nil, fmt.Errorf("read the credential of %s: %w", p.Where, err)
		}
		return c, nil
	}
	if f.Type == string(credentials.ServiceAccount) && !f.signs() {
		return nil, errors.New("read the private key")
	}
	if _, err := tokens(cloudPlatform); err != nil {
		return nil, err
	}
	return &found{principal: p, quota: f.Quota, tokens: tokens}, nil
}

// today returns a credential with the address where Google gives tokens today:
// keys made long ago have earlier ones.
func today(raw []byte) ([]byte, error) {
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read a credential: %w", err)
	}
	all["token_uri"] = json.RawMessage(`"https://` + tokenHost + `/token"`)
	out, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("write a credential: %w", err)
	}
	return out, nil
}

// signs reports whether the private key is one.
func (f *credentialFile) signs() bool {
	block, _ := pem.Decode([]byte(f.PrivateKey))
	if block == nil {
		return false
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		return true
	}
	_, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	return err == nil
}

// elsewhere returns the first address in the file to which a proof would go
// that is not Google's own, or "".
func (f *credentialFile) elsewhere() string {
	if f.Universe != "" && f.Universe != "googleapis.com" {
		return f.Universe
	}
	for _, at := range []struct{ address, host string }{
		{f.TokenURI, tokenHost}, {f.TokenURL, exchangeHost}, {f.Impersonation, impersonateHost}} {
		if at.address == "" {
			continue
		}
		u, err := url.Parse(at.address)
		old := at.host == tokenHost && (at.address == "https://accounts.google.com/o/oauth2/token" || at.address == "https://www.googleapis.com/oauth2/v4/token")
		if !old && (err != nil || u.Scheme != "https" || u.Host != at.host && !(at.host == exchangeHost && u.Host == exchangeHostTLS) || u.User != nil) {
			return at.address
		}
	}
	return ""
}

// sources are the hosts that the proof of an identity comes from. The operator
// named them, and no token of Google's is sent there.
func (f *credentialFile) sources() []string {
	if f.Type != string(credentials.ExternalAccount) {
		return nil
	}
	var hosts []string
	for _, a := range []string{f.From.URL, f.From.Region, f.From.Session} {
		if u, err := url.Parse(a); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

var accountInURL = regexp.MustCompile(`/serviceAccounts/([^/:]+):generateAccessToken$`)

// accountOf returns the account that an address of impersonation names, or "".
func accountOf(address string) string {
	if m := accountInURL.FindStringSubmatch(address); m != nil {
		return m[1]
	}
	return ""
}
