package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/weirflow/weir/fault"
)

// Client calls the operations of a server.
type Client struct {
	// Base is the server's URL without a slash at the end.
	Base  string
	Token string
	HTTP  *http.Client
}

// Dial returns a client of the server at a URL.
func Dial(url, token string) *Client { return &Client{Base: url, Token: token, HTTP: &http.Client{}} }

// DialSocket returns a client of the server behind a control socket.
func DialSocket(path string) *Client {
	d := net.Dialer{Timeout: 2 * time.Second}
	return &Client{Base: "http://weir", HTTP: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", path) },
	}}}
}

// Call performs one operation. In is sent as the body unless it is nil; out,
// unless nil, is filled from the answer. Failures come back as faults; a server
// that cannot be reached is a fault server_unreachable.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	resp, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("decode answer of %s %s: %w", method, path, err)
	}
	return nil
}

// Copy performs an operation whose answer is a stream and writes it to w.
func (c *Client) Copy(ctx context.Context, method, path string, in any, w io.Writer) error {
	resp, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fault.New("server_unreachable", "address", c.Base).Because(errors.Unwrap(err))
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	var f Problem
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&f); err != nil || f.Code == "" {
		return nil, fault.New("request_refused", "status", resp.StatusCode, "what", resp.Status)
	}
	if f.Code == codeInternal && len(f.Args) == 0 {
		f.Words = f.Text // it has words of its own
	}
	return nil, f.Err()
}
