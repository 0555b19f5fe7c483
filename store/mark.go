package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// cleanMark is left in the file "clean" by a clean stop and removed by the next
// start. It says which state of weir.db was the last, so that an older one is
// not taken for it, and lets the start skip the count of everything.
type cleanMark struct {
	// Txid is the transaction of the newer meta page.
	Txid uint64 `json:"txid"`
	Size int64  `json:"size"`
	// Head is the CRC32C of both meta pages and of the list of free pages, for
	// which bbolt has no checksum of its own.
	Head    uint32    `json:"head"`
	Stopped time.Time `json:"stopped"`
}

func markPath(dir string) string { return filepath.Join(dir, "clean") }

// readMark returns the mark of a clean stop. One that cannot be read counts as
// none: the start is then slower, not wrong.
func readMark(dir string) (m cleanMark, ok bool) {
	b, err := os.ReadFile(markPath(dir))
	if err != nil || json.Unmarshal(b, &m) != nil {
		return cleanMark{}, false
	}
	return m, true
}

// removeMark makes sure that the mark is gone before anything is written.
func removeMark(dir string, sync bool) error {
	err := os.Remove(markPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || !sync {
		return err
	}
	return syncDir(dir)
}

// writeMark describes the closed database.
func writeMark(dir string) error {
	path := filepath.Join(dir, boltFile)
	m, err := describe(path)
	if err != nil {
		return err
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return writeFileSync(markPath(dir), append(b, '\n'))
}

// describe computes the mark of a database that nobody writes to.
func describe(path string) (cleanMark, error) {
	f, err := os.Open(path)
	if err != nil {
		return cleanMark{}, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return cleanMark{}, err
	}
	p := pages{file: f, size: fi.Size()}
	meta, err := p.newest()
	if err != nil {
		return cleanMark{}, err
	}
	sum, err := p.headSum(meta)
	return cleanMark{Txid: meta.txid, Size: fi.Size(), Head: sum, Stopped: fi.ModTime().UTC()}, err
}

// headSum is the checksum over the meta pages and the list of free pages.
func (p *pages) headSum(m meta) (uint32, error) {
	sum := crc32.New(castagnoli)
	if _, err := io.Copy(sum, io.NewSectionReader(p.file, 0, 2*m.pageSize)); err != nil {
		return 0, err
	}
	if m.freelist != noFreelist {
		h, err := p.header(m, m.freelist)
		if err != nil {
			return 0, err
		}
		if _, err := io.Copy(sum, io.NewSectionReader(p.file, int64(m.freelist)*m.pageSize, (1+int64(h.overflow))*m.pageSize)); err != nil {
			return 0, err
		}
	}
	return sum.Sum32(), nil
}

// writeFileSync writes a file of 0600 so that it is there whole or not at all.
func writeFileSync(path string, b []byte) error {
	tmp := path + ".part"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
