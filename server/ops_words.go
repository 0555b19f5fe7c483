package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// WordsIn names a language, en or ko; empty is that of the request.
type WordsIn struct {
	Lang string `query:"lang" json:"-"`
}

// Words are the texts of all codes in a language; {name} stands for an argument.
type Words struct {
	Lang  fault.Lang        `json:"lang"`
	Texts map[string]string `json:"texts"`
}

// packed is a document as it is sent, which does not change while we run.
type packed struct {
	plain, zipped []byte
	tag           string
}

func pack(plain []byte) *packed {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(plain) // to memory
	_ = z.Close()
	sum := sha256.Sum256(plain)
	return &packed{plain, b.Bytes(), `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// write sends the document, unless the client has it.
func (p *packed) write(w http.ResponseWriter, r *http.Request, mime string) {
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding, Accept-Language")
	h.Set("ETag", p.tag)
	body := p.plain
	switch {
	case r.Header.Get("If-None-Match") == p.tag:
		w.WriteHeader(http.StatusNotModified)
		return
	case zips(r):
		h.Set("Content-Encoding", "gzip")
		body = p.zipped
	}
	_, _ = w.Write(body)
}

// zips reports whether a client reads gzip.
func zips(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

var packedWords = sync.OnceValue(func() map[fault.Lang]*packed {
	out := map[fault.Lang]*packed{}
	for _, lang := range []fault.Lang{fault.English, fault.Korean} {
		words := Words{Lang: lang, Texts: map[string]string{}}
		for code, e := range fault.Catalogue() {
			words.Texts[code] = e.English
			if lang == fault.Korean {
				words.Texts[code] = e.Korean
			}
		}
		b, err := json.Marshal(words)
		if err != nil {
			panic(err) // strings only
		}
		out[lang] = pack(b)
	}
	return out
})

var packedDescription = sync.OnceValue(func() *packed { return pack(web.Description()) })

func (s *Server) words(_ context.Context, in *WordsIn, w http.ResponseWriter, r *http.Request) error {
	lang := fault.Lang(in.Lang)
	if in.Lang == "" {
		lang = web.LangOf(r)
	}
	p := packedWords()[lang]
	if p == nil {
		return fault.New("language_unknown", "lang", in.Lang).Permanent()
	}
	p.write(w, r, "application/json")
	return nil
}

func (s *Server) describeSelf(_ context.Context, _ *web.None, w http.ResponseWriter, r *http.Request) error {
	packedDescription().write(w, r, "application/json")
	return nil
}
