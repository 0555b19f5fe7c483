package sandbox

import (
	"math"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// transform changes one field in place and returns the transform's result.
func transform(fields map[string]*pb.Value, t *pb.DocumentTransform_FieldTransform, now int64) (*pb.Value, error) {
	path, err := parseFieldPath(t.GetFieldPath())
	if err != nil {
		return nil, err
	}
	was := at(fields, path)
	var v *pb.Value
	result := nullValue()
	switch x := t.GetTransformType().(type) {
	case *pb.DocumentTransform_FieldTransform_SetToServerValue:
		if x.SetToServerValue != pb.DocumentTransform_FieldTransform_REQUEST_TIME {
			return nil, unimplemented("server value %v", x.SetToServerValue)
		}
		// Server timestamps are exact to the millisecond.
		v = &pb.Value{ValueType: &pb.Value_TimestampValue{TimestampValue: stamp(now - now%1000)}}
		result = v
	case *pb.DocumentTransform_FieldTransform_Increment:
		v, err = number(x.Increment, was, add)
		result = v
	case *pb.DocumentTransform_FieldTransform_Maximum:
		v, err = number(x.Maximum, was, func(a, b *pb.Value) *pb.Value { return extreme(a, b, 1) })
		result = v
	case *pb.DocumentTransform_FieldTransform_Minimum:
		v, err = number(x.Minimum, was, func(a, b *pb.Value) *pb.Value { return extreme(a, b, -1) })
		result = v
	case *pb.DocumentTransform_FieldTransform_AppendMissingElements:
		v, err = list(union(was.GetArrayValue().GetValues(), x.AppendMissingElements.GetValues()))
	case *pb.DocumentTransform_FieldTransform_RemoveAllFromArray:
		v, err = list(without(was.GetArrayValue().GetValues(), x.RemoveAllFromArray.GetValues()))
	case nil:
		return nil, invalid("The transform of %q has no type.", t.GetFieldPath())
	default:
		return nil, unimplemented("transform %T", x)
	}
	if err != nil {
		return nil, err
	}
	set(fields, path, v)
	return result, nil
}

func list(values []*pb.Value) (*pb.Value, error) {
	v := &pb.Value{ValueType: &pb.Value_ArrayValue{ArrayValue: &pb.ArrayValue{Values: values}}}
	return v, normalise("transform", v, 1)
}

// number combines a number with the field, which it replaces if that is none.
func number(operand, was *pb.Value, combine func(was, operand *pb.Value) *pb.Value) (*pb.Value, error) {
	if classOf(operand) != classNumber {
		return nil, invalid("The operand of a numeric transform must be an integer or a double.")
	}
	if classOf(was) != classNumber {
		return operand, nil
	}
	return combine(was, operand), nil
}

func isInteger(v *pb.Value) bool {
	_, ok := v.GetValueType().(*pb.Value_IntegerValue)
	return ok
}

func toDouble(v *pb.Value) float64 {
	if isInteger(v) {
		return float64(v.GetIntegerValue())
	}
	return v.GetDoubleValue()
}

// add adds integers without wrapping round, and all else as doubles.
func add(a, b *pb.Value) *pb.Value {
	if !isInteger(a) || !isInteger(b) {
		return doubleValue(toDouble(a) + toDouble(b))
	}
	x, y := a.GetIntegerValue(), b.GetIntegerValue()
	switch {
	case y > 0 && x > math.MaxInt64-y:
		return intValue(math.MaxInt64)
	case y < 0 && x < math.MinInt64-y:
		return intValue(math.MinInt64)
	}
	return intValue(x + y)
}

// extreme returns the operand if it is further in the direction of sign than
// the field, which stays when they are equal; NaN wins.
func extreme(was, operand *pb.Value, sign int) *pb.Value {
	switch {
	case isNaN(was):
		return was
	case isNaN(operand) || compareNumbers(operand, was) == sign:
		return operand
	}
	return was
}
