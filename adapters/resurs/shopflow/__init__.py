"""What happens while a customer buys: methods, addresses, costs, the booking and its signing.

`methods` and `cost` what a shop shows · `persons` government ids and phone numbers · `register` personas and the address book ·
`checks` what a booking must be · `application` a booking that is asked for, as it is kept until it is signed · `outcome` what
becomes of it · `booking` bookPayment and bookSignedPayment · `controls` fraud control and manual control, as due work ·
`signing` the page on which customers sign · `texts` what they read there
"""
