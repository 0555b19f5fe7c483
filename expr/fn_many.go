package expr

var strs = []Type{String}

// manyFunctions stand for several values, which a truth, join or count unites.
var manyFunctions = []spec{
	{name: "anyAttribute", args: strs, min: 1, more: true, out: String, many: byName, alone: true, doc: "True where what follows is true of any of the attributes named."},
	{name: "allAttributes", args: strs, min: 1, more: true, out: String, many: byName, all: true, alone: true, doc: "True where what follows is true of all the attributes named; also for join and count."},
	{name: "anyMatchingAttribute", args: strs, min: 1, more: true, out: String, many: byPattern, alone: true, doc: "True where what follows is true of any attribute whose whole name matches one of the regular expressions."},
	{name: "allMatchingAttributes", args: strs, min: 1, more: true, out: String, many: byPattern, all: true, alone: true, doc: "True where what follows is true of all attributes whose whole name matches one of the regular expressions; also for join and count."},
	{name: "anyDelineatedValue", args: []Type{String, String}, min: 2, out: String, many: byPart, alone: true, doc: "True where what follows is true of any part of the first argument, split by the regular expression in the second."},
	{name: "allDelineatedValues", args: []Type{String, String}, min: 2, out: String, many: byPart, all: true, alone: true, doc: "True where what follows is true of all parts of the first argument, split by the regular expression in the second; also for join and count."},
	{name: "join", on: String, args: strs, min: 1, out: String, fold: true, doc: "Joins the values with the argument between them."},
	{name: "count", out: WholeNumber, fold: true, doc: "Counts the values that are not missing and not false."},
}
