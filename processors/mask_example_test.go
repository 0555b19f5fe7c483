package processors_test

import (
	"testing"

	"github.com/weirflow/weir/processors/processorstest"
	_ "github.com/weirflow/weir/processors/testdata/mask"
	"github.com/weirflow/weir/record"
)

var users = record.MustSchema("uid", "string", "email", "string")

var settings = processorstest.Settings{"column": "email", "key": map[string]string{"secret": "mask-key"}}

func TestMaskColumnMasksTexts(t *testing.T) {
	r := processorstest.New(t, "MaskColumn", settings, processorstest.Secret("mask-key", "k"))
	r.PutRecords(users, `{"uid":"1","email":"kim@calback.kr"}`, `{"uid":"2","email":null}`).Run()
	r.WantRows("success", `{"uid":"1","email":"40504a8037f8a1e0"}`, `{"uid":"2","email":null}`)
}

func TestMaskColumnRejectsRecordsWithoutTheColumn(t *testing.T) {
	r := processorstest.New(t, "MaskColumn", settings, processorstest.Secret("mask-key", "k"))
	r.PutRecords(record.MustSchema("uid", "string"), `{"uid":"1"}`).Run()
	r.Want("success").WantRows("failure", `{"uid":"1"}`)
	r.WantAttr("failure", "mask.error", `there is no text column "email" among ["uid"]`)
}

func TestMaskColumnConforms(t *testing.T) {
	processorstest.Conform(t, "MaskColumn", settings, func(r *processorstest.Runner) {
		r.PutRecords(users, `{"uid":"1","email":"a"}`, `{"uid":"2","email":"b"}`)
	}, processorstest.Secret("mask-key", "k"))
}
