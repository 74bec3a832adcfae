import './fonts.css'
import './theme.css'
import './slides.css'
