package bigquery

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
)

const (
	longestName  = 300
	mostColumns  = 10_000
	deepestTable = 15
)

// reserved are the beginnings of names that BigQuery keeps for itself.
var reserved = []string{"_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER",
	"_CHANGE_SEQUENCE_NUMBER", "_CHANGE_TYPE", "_CHANGE_TIMESTAMP"}

// checkNames returns what is wrong with the names of the columns and of all
// fields within them, or nil.
func checkNames(fields []record.Field, path string, depth int) error {
	if depth > deepestTable {
		return fault.New("bigquery_too_deep", "column", path, "limit", deepestTable).Permanent()
	}
	if len(fields) > mostColumns {
		return fault.New("bigquery_too_many_columns", "columns", len(fields), "limit", mostColumns).Permanent()
	}
	seen := map[string]string{}
	for _, f := range fields {
		full := path + f.Name
		if err := checkName(f.Name, full); err != nil {
			return err
		}
		low := strings.ToLower(f.Name)
		if other, ok := seen[low]; ok {
			return fault.New("bigquery_name_twice", "first", other, "second", full).Permanent()
		}
		seen[low] = full
		t := &f.Type
		if t.Kind == record.KindList {
			t = t.Elem
			if t.Kind == record.KindList {
				return fault.New("bigquery_list_of_lists", "column", full, "type", f.Type).Permanent()
			}
		}
		if t.Kind == record.KindStruct {
			if len(t.Fields) == 0 {
				return fault.New("bigquery_struct_empty", "column", full).Permanent()
			}
			if err := checkNames(t.Fields, full+".", depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkName(name, full string) error {
	if n := utf8.RuneCountInString(name); n > longestName {
		return fault.New("bigquery_name_long", "column", full, "length", n, "limit", longestName).Permanent()
	}
	for _, p := range reserved {
		if len(name) >= len(p) && strings.EqualFold(name[:len(p)], p) {
			return fault.New("bigquery_name_reserved", "column", full, "prefix", p).Permanent()
		}
	}
	for _, r := range name {
		if !nameRune(r) {
			return fault.New("bigquery_name_character", "column", full, "character", string(r)).Permanent()
		}
	}
	return nil
}

// nameRune reports whether a flexible column name may hold r.
func nameRune(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Pc, unicode.Pd) || strings.ContainsRune("&%=+:'<># |", r)
}

// classic reports whether a name is one that needs no character map: letters of
// ASCII, digits and underscores, no digit first.
func classic(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}
