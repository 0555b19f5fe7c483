package bigquery

import (
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// goodSQL are GoogleSQL's names of types, as messages give them.
var goodSQL = map[string]string{"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}

func sqlType(kind string) string {
	if n := goodSQL[kind]; n != "" {
		return n
	}
	return kind
}

// parseText reads one value of a column from text, as DuckDB's appender takes
// it.
func parseText(f *Field, s string) (driver.Value, error) {
	var v driver.Value
	err := error(nil)
	switch f.Type {
	case "STRING", "GEOGRAPHY":
		if !utf8.ValidString(s) {
			return nil, fmt.Errorf("the text is not UTF-8")
		}
		if f.MaxLength > 0 && utf8.RuneCountInString(s) > int(f.MaxLength) {
			return nil, fmt.Errorf("the text has more than the column's %d characters", f.MaxLength)
		}
		return s, nil
	case "BYTES":
		v, err = base64.StdEncoding.DecodeString(s)
	case "INTEGER":
		v, err = strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	case "FLOAT":
		v, err = parseFloat(strings.TrimSpace(s))
	case "NUMERIC":
		v, err = parseDecimal(strings.TrimSpace(s), 9)
	case "BIGNUMERIC":
		v, err = parseDecimal(strings.TrimSpace(s), 18)
	case "BOOLEAN":
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true", "t", "yes", "y", "1":
			return true, nil
		case "false", "f", "no", "n", "0":
			return false, nil
		}
		err = strconv.ErrSyntax
	case "TIMESTAMP":
		v, err = parseTimestamp(strings.TrimSpace(s))
	case "DATE":
		v, err = parseLayouts(s, "2006-1-2")
	case "TIME":
		v, err = parseLayouts(s, "15:4:5.999999")
	case "DATETIME":
		v, err = parseLayouts(s, "2006-1-2 15:4:5.999999", "2006-1-2T15:4:5.999999", "2006-1-2 15:4", "2006-1-2")
	case "JSON":
		if !json.Valid([]byte(s)) {
			return nil, fmt.Errorf("the text is not JSON")
		}
		return s, nil
	default:
		return nil, fmt.Errorf("a %s has no text", f.Type)
	}
	var number *strconv.NumError
	var moment *time.ParseError
	switch {
	case errors.As(err, &number):
		return nil, number.Err
	case errors.As(err, &moment):
		return nil, strconv.ErrSyntax
	case err != nil:
		return nil, err
	}
	return v, nil
}

func parseFloat(s string) (float64, error) {
	switch strings.ToLower(strings.TrimPrefix(s, "+")) {
	case "nan":
		return math.NaN(), nil
	case "inf", "infinity":
		return math.Inf(1), nil
	case "-inf", "-infinity":
		return math.Inf(-1), nil
	}
	if strings.ContainsAny(s, "xXpP_iInN") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// largest is one more than the largest number of 38 digits.
var largest = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// parseDecimal returns the number times 10^scale, halves rounded away from 0.
func parseDecimal(s string, scale int) (*big.Int, error) {
	if s == "" || strings.ContainsAny(s, "xXpP_/iInN") {
		return nil, strconv.ErrSyntax
	}
	if _, e, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(e); err != nil || n > 60 || n < -200 {
			return nil, strconv.ErrRange
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, strconv.ErrSyntax
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	half := big.NewRat(1, 2)
	if r.Sign() < 0 {
		half.Neg(half)
	}
	r.Add(r, half)
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if n.CmpAbs(largest) >= 0 {
		return nil, strconv.ErrRange
	}
	return n, nil
}

func parseLayouts(s string, layouts ...string) (time.Time, error) {
	s = strings.TrimSpace(s)
	var last error
	for _, l := range layouts {
		t, err := time.ParseInLocation(l, s, time.UTC)
		if err == nil {
			if t.Nanosecond()%1000 != 0 {
				return t, strconv.ErrRange
			}
			return inRange(t)
		}
		last = err
	}
	return time.Time{}, last
}

// inRange refuses years that BigQuery has not; a time of day has the year 0.
func inRange(t time.Time) (time.Time, error) {
	if t.Year() > 9999 || t.Year() < 0 {
		return t, strconv.ErrRange
	}
	return t, nil
}

// parseTimestamp reads 2026-01-31 08:30:00[.999999][ zone], with a T or a
// space, or seconds since 1970. Without a zone it is UTC.
func parseTimestamp(s string) (time.Time, error) {
	if sec, err := strconv.ParseFloat(s, 64); err == nil {
		return fromSeconds(s, sec)
	}
	zone := time.UTC
	if i := strings.LastIndexByte(s, ' '); i > 10 {
		name := s[i+1:]
		if l, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			zone, s = l, s[:i]
		} else if name[:min(1, len(name))] == "+" || strings.HasPrefix(name, "-") {
			s = s[:i] + name
		}
	}
	s = strings.Replace(s, " ", "T", 1)
	for _, l := range []string{"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2T15:4:5.999999999Z07", "2006-1-2T15:4:5.999999999", "2006-1-2T15:4Z07:00", "2006-1-2T15:4", "2006-1-2"} {
		t, err := time.ParseInLocation(l, s, zone)
		if err != nil {
			continue
		}
		t = t.UTC()
		if t.Nanosecond()%1000 != 0 || t.Year() < 1 {
			return t, strconv.ErrRange
		}
		return inRange(t)
	}
	return time.Time{}, strconv.ErrSyntax
}

// fromSeconds returns a time from seconds since 1970, exact to the microsecond.
func fromSeconds(text string, sec float64) (time.Time, error) {
	if math.Abs(sec) > 253402300800 {
		return time.Time{}, strconv.ErrRange
	}
	micros, err := parseDecimal(text, 6)
	if err != nil {
		return time.Time{}, err
	}
	t := time.UnixMicro(micros.Int64()).UTC()
	if t.Year() < 1 {
		return t, strconv.ErrRange
	}
	return inRange(t)
}
