"""Every kind of build: what it reads, which model it fits, and which tables it fills."""
