"""What measures the speed and the accuracy of the program; none of it is part of the distribution's package."""
