// Package flows holds the flow file: what a person draws, validated, compared
// and written in one canonical form.
//
// Flow is the file, Parse reads it strictly, Validate finds every problem at
// once. A flow is data: reading one runs no code and touches nothing outside.
package flows
