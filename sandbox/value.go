package sandbox

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// class is a group of values that compare with each other. The classes
// themselves are ordered as Firestore documents its order across types.
type class int

const (
	classNull class = iota
	classBool
	classNumber
	classTime
	classString
	classBytes
	classReference
	classGeo
	classArray
	classVector
	classMap
	classUnknown
)

func classOf(v *pb.Value) class {
	switch x := v.GetValueType().(type) {
	case *pb.Value_NullValue:
		return classNull
	case *pb.Value_BooleanValue:
		return classBool
	case *pb.Value_IntegerValue, *pb.Value_DoubleValue:
		return classNumber
	case *pb.Value_TimestampValue:
		return classTime
	case *pb.Value_StringValue:
		return classString
	case *pb.Value_BytesValue:
		return classBytes
	case *pb.Value_ReferenceValue:
		return classReference
	case *pb.Value_GeoPointValue:
		return classGeo
	case *pb.Value_ArrayValue:
		return classArray
	case *pb.Value_MapValue:
		if x.MapValue.GetFields()["__type__"].GetStringValue() == "__vector__" {
			return classVector
		}
		return classMap
	}
	return classUnknown
}

func isNaN(v *pb.Value) bool {
	d, ok := v.GetValueType().(*pb.Value_DoubleValue)
	return ok && math.IsNaN(d.DoubleValue)
}

// compareValues orders two values of any types.
func compareValues(a, b *pb.Value) int {
	ca, cb := classOf(a), classOf(b)
	if ca != cb {
		return cmp.Compare(ca, cb)
	}
	switch ca {
	case classBool:
		return compareBools(a.GetBooleanValue(), b.GetBooleanValue())
	case classNumber:
		return compareNumbers(a, b)
	case classTime:
		x, y := a.GetTimestampValue(), b.GetTimestampValue()
		if c := cmp.Compare(x.GetSeconds(), y.GetSeconds()); c != 0 {
			return c
		}
		return cmp.Compare(x.GetNanos(), y.GetNanos())
	case classString:
		return strings.Compare(a.GetStringValue(), b.GetStringValue())
	case classBytes:
		return bytes.Compare(a.GetBytesValue(), b.GetBytesValue())
	case classReference:
		return strings.Compare(
			strings.ReplaceAll(a.GetReferenceValue(), "/", sep),
			strings.ReplaceAll(b.GetReferenceValue(), "/", sep))
	case classGeo:
		x, y := a.GetGeoPointValue(), b.GetGeoPointValue()
		if c := cmp.Compare(x.GetLatitude(), y.GetLatitude()); c != 0 {
			return c
		}
		return cmp.Compare(x.GetLongitude(), y.GetLongitude())
	case classArray:
		return slices.CompareFunc(a.GetArrayValue().GetValues(), b.GetArrayValue().GetValues(), compareValues)
	case classVector:
		x := a.GetMapValue().GetFields()["value"].GetArrayValue().GetValues()
		y := b.GetMapValue().GetFields()["value"].GetArrayValue().GetValues()
		if c := cmp.Compare(len(x), len(y)); c != 0 {
			return c
		}
		return slices.CompareFunc(x, y, compareValues)
	case classMap:
		return compareMaps(a.GetMapValue().GetFields(), b.GetMapValue().GetFields())
	}
	return 0
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareMaps(a, b map[string]*pb.Value) int {
	ka, kb := sortedKeys(a), sortedKeys(b)
	for i := range min(len(ka), len(kb)) {
		if c := strings.Compare(ka[i], kb[i]); c != 0 {
			return c
		}
		if c := compareValues(a[ka[i]], b[kb[i]]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(ka), len(kb))
}

func sortedKeys(m map[string]*pb.Value) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// compareNumbers compares integers and doubles by value, exactly; NaN comes
// before every other number and equals itself.
func compareNumbers(a, b *pb.Value) int {
	x, xInt := a.GetValueType().(*pb.Value_IntegerValue)
	y, yInt := b.GetValueType().(*pb.Value_IntegerValue)
	switch {
	case xInt && yInt:
		return cmp.Compare(x.IntegerValue, y.IntegerValue)
	case xInt:
		return -compareDoubleInt(b.GetDoubleValue(), x.IntegerValue)
	case yInt:
		return compareDoubleInt(a.GetDoubleValue(), y.IntegerValue)
	}
	return cmp.Compare(a.GetDoubleValue(), b.GetDoubleValue()) // NaN first, -0 equals 0
}

// compareDoubleInt compares without rounding: an int64 past 2^53 is no double.
func compareDoubleInt(d float64, i int64) int {
	switch {
	case math.IsNaN(d) || d < -(1<<63):
		return -1
	case d >= 1<<63:
		return 1
	}
	whole, part := math.Modf(d)
	if c := cmp.Compare(int64(whole), i); c != 0 {
		return c
	}
	return cmp.Compare(part, 0)
}

func equalValues(a, b *pb.Value) bool { return compareValues(a, b) == 0 }

func intValue(i int64) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_IntegerValue{IntegerValue: i}}
}

func doubleValue(d float64) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_DoubleValue{DoubleValue: d}}
}

func nullValue() *pb.Value { return &pb.Value{ValueType: &pb.Value_NullValue{}} }

func referenceValue(name string) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_ReferenceValue{ReferenceValue: name}}
}
