"""numbers: what isinstance is asked of numbers."""
Integral = int
Rational = int
Real = (int, float)
Complex = (int, float, complex)
Number = (int, float, complex)
