package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/weirflow/weir/access"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// visit is a request that came through the gate, as the operations that sign in
// and out see it.
type visit struct {
	gate            *gate
	address, cookie string
	pass            *access.Pass
}

type visitKey struct{}

// visitOf returns the visit of a request, nil on the control socket.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// Session tells whether and how the caller has signed in.
type Session struct {
	SignedIn bool   `json:"signed_in"`
	User     string `json:"user,omitempty"`
	// Way is link, password, token or socket.
	Way string `json:"way,omitempty"`
	// Needs is what signs in: password, or link where none is set.
	Needs string `json:"needs,omitempty"`

	cookie *http.Cookie
}

// SetHeaders sets the cookie of a session that begins or ends.
func (s *Session) SetHeaders(h http.Header) {
	if s.cookie != nil {
		h.Add("Set-Cookie", s.cookie.String())
	}
}

// SignIn is how a person signs in.
type SignIn struct {
	Password string `json:"password"`
}

// SignInLink is a one-time URL that signs a browser in.
type SignInLink struct {
	URL string `json:"url"`
}

// PasswordSet tells whether there is a password.
type PasswordSet struct {
	Set bool `json:"set"`
}

// NewPassword sets the password; an empty one removes it.
type NewPassword struct {
	Password string `json:"password"`
}

// TokenRef names a bearer token.
type TokenRef struct {
	Name string `param:"name" json:"-"`
}

// NewToken names a bearer token to be made.
type NewToken struct {
	Name string `json:"name"`
}

// Audit tells which token is made.
func (n *NewToken) Audit(a *web.Act) { a.Subject = n.Name }

// TokenMade is a new token with its secret, which is told this once.
type TokenMade struct {
	Name  string `json:"name"`
	Token string `json:"token"`
}

// TokenList is the bearer tokens.
type TokenList struct {
	Tokens []access.Token `json:"tokens"`
}

func (s *Server) sessionRoutes(t *web.Table) {
	web.Handle(t, "GET /api/v1/session", "Tells whether and how the caller has signed in.", s.getSession, web.Public)
	web.Handle(t, "POST /api/v1/session", "Signs in by the password.", s.signIn, web.Public, web.Unaudited)
	web.Handle(t, "DELETE /api/v1/session", "Signs out.", s.signOut, web.Public, web.Unaudited)
	web.Handle(t, "POST /api/v1/session/link", "Makes a one-time URL that signs a browser in.", s.signInLink)
	web.Handle(t, "PUT /api/v1/password", "Sets or removes the password; on the control socket only.", s.setPassword)
	web.Handle(t, "GET /api/v1/tokens", "Lists the bearer tokens.", s.listTokens)
	web.Handle(t, "POST /api/v1/tokens", "Makes a bearer token and tells it once.", s.createToken)
	web.Handle(t, "DELETE /api/v1/tokens/:name", "Removes a bearer token.", s.removeToken)
	web.Handle(t, "GET /api/v1/audit", "Lists who did what.", s.listAudit)
	web.Raw(t, "GET /api/v1/words", "Returns the texts of the codes in a language.", s.words, web.Public, web.Returns[Words]())
	web.Raw(t, "GET /api/v1/openapi.json", "Returns this description.", s.describeSelf)
}

func (s *Server) getSession(ctx context.Context, _ *web.None) (*Session, error) {
	v := visitOf(ctx)
	if v == nil || v.pass != nil {
		who := web.ActorOf(ctx)
		return &Session{SignedIn: true, User: who.User, Way: who.Way}, nil
	}
	return &Session{Needs: s.needs()}, nil
}

// needs is what signs in.
func (s *Server) needs() string {
	if s.access.HasPassword() {
		return "password"
	}
	return "link"
}

func (s *Server) signIn(ctx context.Context, in *SignIn) (*Session, error) {
	v := visitOf(ctx)
	if v == nil {
		return s.getSession(ctx, nil)
	}
	secret, err := s.access.SignIn(in.Password, v.address)
	line := AuditLine{Who: "password", Way: "password", From: v.address, Action: "session.create"}
	switch code := fault.CodeOf(err); code {
	case "":
	case "password_wrong": // so many only as guessing is allowed
		line.Who, line.Failed = "guest", code
	default:
		return nil, err
	}
	if _, kept := s.audit.append(line); kept != nil || err != nil {
		return nil, errors.Join(err, kept)
	}
	if err := s.access.SignOut(v.cookie); err != nil {
		return nil, err
	}
	return &Session{SignedIn: true, User: "password", Way: "password", cookie: v.gate.setCookie(secret)}, nil
}

func (s *Server) signOut(ctx context.Context, _ *web.None) (*Session, error) {
	v := visitOf(ctx)
	if v == nil {
		return s.getSession(ctx, nil)
	}
	if v.pass != nil {
		line := AuditLine{Who: v.pass.User, Way: v.pass.Way, From: v.address, Action: "session.delete"}
		if _, err := s.audit.append(line); err != nil {
			return nil, err
		}
	}
	if err := s.access.SignOut(v.cookie); err != nil {
		return nil, err
	}
	return &Session{Needs: s.needs(), cookie: v.gate.setCookie("")}, nil
}

func (s *Server) signInLink(context.Context, *web.None) (*SignInLink, error) {
	if s.gate == nil {
		return nil, fault.New("server_listens_nowhere").Permanent()
	}
	return &SignInLink{URL: s.Link()}, nil
}

func (s *Server) setPassword(ctx context.Context, in *NewPassword) (*PasswordSet, error) {
	if visitOf(ctx) != nil {
		return nil, fault.New("only_here", "what", "weir password set").Permanent()
	}
	if in.Password == "" && s.gate != nil && s.gate.exposed {
		return nil, fault.New("password_needed", "address", s.addr).Permanent()
	}
	if err := s.access.SetPassword(in.Password); err != nil {
		return nil, err
	}
	return &PasswordSet{Set: in.Password != ""}, nil
}

func (s *Server) listTokens(context.Context, *web.None) (*TokenList, error) {
	return &TokenList{Tokens: s.access.Tokens()}, nil
}

func (s *Server) createToken(_ context.Context, in *NewToken) (*TokenMade, error) {
	secret, err := s.access.CreateToken(in.Name)
	if err != nil {
		return nil, err
	}
	return &TokenMade{Name: in.Name, Token: secret}, nil
}

func (s *Server) removeToken(ctx context.Context, in *TokenRef) (*TokenList, error) {
	if err := s.access.RemoveToken(in.Name); err != nil {
		return nil, err
	}
	return s.listTokens(ctx, nil)
}
